import ctypes, errno, os

# Each way to be served before others.
def held(what, work):
    try:
        work()
        print("ESCAPED:", what, flush=True)
    except OSError as refused:
        print("held:", what, errno.errorcode[refused.errno], flush=True)

held("nice -20", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
held("nice of PID 1", lambda: os.setpriority(os.PRIO_PROCESS, 1, -5))
held("chrt fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)))
held("chrt rr", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)))
