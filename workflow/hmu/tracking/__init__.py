"""What a run has finished, for programs that compare runs: which runs there are (`runs`), and how
each program has them, a file each (`tensorboard`). They read results and change none of them."""
