// The workloads by goroutines. It answers on its standard output what it is asked on its standard input, one a line:
// `run WORKLOAD OPS` by `took OPS NANOSECONDS` or `none`; `block COUNT` by `blocked COUNT`, and the line after that by
// `ended`.
//
//   - A semaphore is a channel of that capacity, as Effective Go has it: to send is to take a permit, to receive is to
//     give it back. It has no guard.
//   - One wakes all by sync.Cond, which can do it again and again: a channel is closed once, so each round would need a
//     new one, and a lock to find it.
//   - A variable of a task is a value in its context.
//   - A task that is spawned reports its end to a sync.WaitGroup.
//   - What takes two OS threads locks each goroutine to its own, and lets two run at a time. All else takes
//     GOMAXPROCS=1 from the environment.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

// How long so many operations took.
type took struct {
	ops  int
	time time.Duration
}

// Does at least so many operations.
type run func(ops int) took

var workloads = map[string]run{
	"yield2":              yields(2, false),
	"yield2_deep":         yields(2, true),
	"yield1000":           yields(1000, false),
	"yield100k":           yields(100_000, false),
	"spawn_join":          spawnJoin,
	"spawn_batch":         spawnBatch,
	"sem_uncontended":     semUncontended,
	"sem_pingpong":        semPingpong(false),
	"sem_pingpong_deep":   semPingpong(true),
	"sem_contended":       semContended,
	"chan_pingpong":       chanPingpong(false),
	"chan_pingpong_deep":  chanPingpong(true),
	"chan_stream":         chanFlow(1),
	"chan_mpmc":           chanFlow(8),
	"rw_read_uncontended": rwReadUncontended,
	"rw_contended":        rwContended,
	"notify_broadcast":    notifyBroadcast,
	"local_get":           localGet,
	"matmul_elem":         matmul(n*n, elem, placeElem),
	"matmul_row":          matmul(n, row, placeRow),
	"shared_pingpong":     sharedPingpong,
	"shared_stream":       sharedStream,
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var count int
		if _, err := fmt.Sscanf(lines.Text(), "run %s %d", &name, &count); err == nil {
			if run, ok := workloads[name]; ok {
				took := run(count)
				fmt.Println("took", took.ops, took.time.Nanoseconds())
			} else {
				fmt.Println("none")
			}
		} else if _, err := fmt.Sscanf(lines.Text(), "block %d", &count); err == nil {
			block(count, func() {
				fmt.Println("blocked", count)
				lines.Scan()
			})
			fmt.Println("ended")
		} else {
			fmt.Fprintf(os.Stderr, "asked for `%s`\n", lines.Text())
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Makes so many goroutines that are blocked in mid-run, calls pause, and ends them.
func block(count int, pause func()) {
	gate := make(chan struct{})
	var begun, ended sync.WaitGroup
	begun.Add(count)
	ended.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer ended.Done()
			begun.Done()
			<-gate
		}()
	}
	begun.Wait()
	pause()
	close(gate)
	ended.Wait()
}

func check(right bool, otherwise string) {
	if !right {
		panic(otherwise)
	}
}

// Measures from here to the end of these tasks, none of which has run yet.
func clock(ops int, tasks ...func()) took {
	var ended sync.WaitGroup
	ended.Add(len(tasks))
	for _, task := range tasks {
		task := task
		go func() {
			defer ended.Done()
			task()
		}()
	}
	start := time.Now()
	ended.Wait()
	return took{ops, time.Since(start)}
}

func divCeil(a, b int) int { return (a + b - 1) / b }

func sumBelow(number uint64) uint64 { return number * (number - 1) / 2 }
