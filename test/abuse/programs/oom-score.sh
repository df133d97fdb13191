# Who is picked first when memory runs out: this one, and not the host's own.
score=$(cat /proc/self/oom_score_adj)
if [ "$score" -lt 1000 ]; then echo "ESCAPED: oom_score_adj $score"; fi
if echo -1000 2>/dev/null > /proc/self/oom_score_adj; then echo "ESCAPED: oom_score_adj lowered"; else echo "held: oom_score_adj is $score"; fi
