print("€" * 20_000, end="")
