package main

import (
	"runtime"
	"sync"
	"time"
)

type semaphore chan struct{}

func (s semaphore) acquire() { s <- struct{}{} }

func (s semaphore) release() { <-s }

// A semaphore whose one permit is taken.
func taken() semaphore {
	s := make(semaphore, 1)
	s.acquire()
	return s
}

//go:noinline
func outerAcquire(s semaphore) { innerAcquire(s) }

//go:noinline
func innerAcquire(s semaphore) { s.acquire() }

func semUncontended(ops int) took {
	s := make(semaphore, 1)
	held := 0
	start := time.Now()
	for i := 0; i < ops; i++ {
		s.acquire()
		held += len(s)
		s.release()
	}
	took := took{ops, time.Since(start)}
	check(held == ops && len(s) == 0, "a permit was lost")
	return took
}

func semPingpong(deep bool) run {
	return func(ops int) took {
		turns := divCeil(ops, 2)
		there, back := taken(), taken()
		acquire := func(s semaphore) {
			if deep {
				outerAcquire(s)
			} else {
				s.acquire()
			}
		}
		took := clock(2*turns, func() {
			for i := 0; i < turns; i++ {
				acquire(there)
				back.release()
			}
		}, func() {
			for i := 0; i < turns; i++ {
				there.release()
				acquire(back)
			}
		})
		check(len(there) == 1 && len(back) == 1, "a token was lost")
		return took
	}
}

func semContended(ops int) took {
	turns := divCeil(ops, crowd)
	permit := make(semaphore, 1)
	held := 0
	task := func() {
		for i := 0; i < turns; i++ {
			permit.acquire()
			before := held
			runtime.Gosched()
			held = before + 1
			permit.release()
		}
	}
	var tasks []func()
	for i := 0; i < crowd; i++ {
		tasks = append(tasks, task)
	}
	took := clock(crowd*turns, tasks...)
	check(held == took.ops, "two held the permit at a time")
	return took
}

//go:noinline
func outerGet(channel <-chan uint64) (uint64, bool) { return innerGet(channel) }

//go:noinline
func innerGet(channel <-chan uint64) (uint64, bool) {
	number, ok := <-channel
	return number, ok
}

func chanPingpong(deep bool) run {
	return func(ops int) took {
		turns := divCeil(ops, 2)
		there, back := make(chan uint64, 1), make(chan uint64, 1)
		if !deep {
			return clock(2*turns, func() { echo(there, back) }, func() { call(turns, there, back) })
		}
		return clock(2*turns, func() {
			for number, ok := outerGet(there); ok; number, ok = outerGet(there) {
				back <- number
			}
		}, func() {
			sum := uint64(0)
			for number := 0; number < turns; number++ {
				there <- uint64(number)
				answer, _ := outerGet(back)
				sum += answer
			}
			check(sum == sumBelow(uint64(turns)), "the sum is wrong")
			close(there)
		})
	}
}

func echo(there <-chan uint64, back chan<- uint64) {
	for number := range there {
		back <- number
	}
}

func call(turns int, there chan<- uint64, back <-chan uint64) {
	sum := uint64(0)
	for number := 0; number < turns; number++ {
		there <- uint64(number)
		sum += <-back
	}
	check(sum == sumBelow(uint64(turns)), "the sum is wrong")
	close(there)
}

// As many tasks send to one channel as receive from it.
func chanFlow(each int) run {
	return func(ops int) took {
		numbers := divCeil(ops, each)
		channel := make(chan uint64, 128)
		var lock sync.Mutex
		total := uint64(0)
		var producing sync.WaitGroup
		producing.Add(each)
		tasks := []func(){func() {
			producing.Wait()
			close(channel)
		}}
		for i := 0; i < each; i++ {
			tasks = append(tasks, func() {
				sum := uint64(0)
				for number := range channel {
					sum += number
				}
				lock.Lock()
				defer lock.Unlock()
				total += sum
			}, func() {
				defer producing.Done()
				for number := 0; number < numbers; number++ {
					channel <- uint64(number)
				}
			})
		}
		took := clock(each*numbers, tasks...)
		check(total == uint64(each)*sumBelow(uint64(numbers)), "the sum is wrong")
		return took
	}
}

// Measures two tasks, each in an OS thread of its own.
func clockThreads(ops int, tasks ...func()) took {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for i, task := range tasks {
		task := task
		tasks[i] = func() {
			// The thread ends with the goroutine.
			runtime.LockOSThread()
			task()
		}
	}
	return clock(ops, tasks...)
}

func sharedPingpong(ops int) took {
	turns := divCeil(ops, 2)
	there, back := make(chan uint64, 1), make(chan uint64, 1)
	return clockThreads(2*turns, func() { call(turns, there, back) }, func() { echo(there, back) })
}

func sharedStream(ops int) took {
	channel := make(chan uint64, 128)
	return clockThreads(ops, func() {
		for number := 0; number < ops; number++ {
			channel <- uint64(number)
		}
		close(channel)
	}, func() {
		sum := uint64(0)
		for number := range channel {
			sum += number
		}
		check(sum == sumBelow(uint64(ops)), "the sum is wrong")
	})
}
