package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// How many tasks contend for one thing.
const crowd = 100

//go:noinline
func outerYield() { innerYield() }

//go:noinline
func innerYield() { runtime.Gosched() }

// The last to have yielded so often stops the clock.
func yields(tasks int, deep bool) run {
	return func(ops int) took {
		rounds := divCeil(ops, tasks)
		start, end := make(chan struct{}), make(chan time.Time, 1)
		var begun, ended sync.WaitGroup
		begun.Add(tasks)
		ended.Add(tasks)
		yielding := int32(tasks)
		for i := 0; i < tasks; i++ {
			go func() {
				defer ended.Done()
				begun.Done()
				<-start
				for round := 1; round < rounds; round++ {
					if deep {
						outerYield()
					} else {
						runtime.Gosched()
					}
				}
				if atomic.AddInt32(&yielding, -1) == 0 {
					end <- time.Now()
				}
				runtime.Gosched()
			}()
		}
		begun.Wait()
		close(start)
		began := time.Now()
		ended.Wait()
		return took{rounds * tasks, (<-end).Sub(began)}
	}
}

func spawnJoin(ops int) took {
	ran := 0
	start := time.Now()
	for i := 0; i < ops; i++ {
		var ended sync.WaitGroup
		ended.Add(1)
		go func() {
			ran++
			ended.Done()
		}()
		ended.Wait()
	}
	took := took{ops, time.Since(start)}
	check(ran == ops, "a task did not run")
	return took
}

func spawnBatch(ops int) took {
	const batch = 10_000
	batches := divCeil(ops, batch)
	start := time.Now()
	for i := 0; i < batches; i++ {
		var ended sync.WaitGroup
		ended.Add(batch)
		for i := 0; i < batch; i++ {
			go ended.Done()
		}
		ended.Wait()
	}
	return took{batches * batch, time.Since(start)}
}

func rwReadUncontended(ops int) took {
	var lock sync.RWMutex
	value, sum := 1, 0
	start := time.Now()
	for i := 0; i < ops; i++ {
		lock.RLock()
		sum += value
		lock.RUnlock()
	}
	took := took{ops, time.Since(start)}
	check(sum == ops, "a lock was lost")
	return took
}

func rwContended(ops int) took {
	const writers = 4
	turns := divCeil(ops, crowd+writers)
	var lock sync.RWMutex
	value := 0
	var tasks []func()
	for i := 0; i < crowd; i++ {
		tasks = append(tasks, func() {
			for i := 0; i < turns; i++ {
				lock.RLock()
				before := value
				runtime.Gosched()
				check(value == before, "written while it was read")
				lock.RUnlock()
			}
		})
	}
	for i := 0; i < writers; i++ {
		tasks = append(tasks, func() {
			for i := 0; i < turns; i++ {
				lock.Lock()
				before := value
				runtime.Gosched()
				value = before + 1
				lock.Unlock()
			}
		})
	}
	took := clock((crowd+writers)*turns, tasks...)
	check(value == writers*turns, "two wrote at a time")
	return took
}

func notifyBroadcast(ops int) took {
	const waiters = 1000
	rounds := divCeil(ops, waiters)
	var lock sync.Mutex
	changed := sync.NewCond(&lock)
	round, arrived := 0, 0
	arrivedAll := make(chan struct{}, 1)
	var ended sync.WaitGroup
	ended.Add(waiters)
	for i := 0; i < waiters; i++ {
		go func() {
			defer ended.Done()
			lock.Lock()
			defer lock.Unlock()
			for mine := 0; ; mine++ {
				arrived++
				if arrived == waiters*(mine+1) {
					arrivedAll <- struct{}{}
				}
				if mine == rounds {
					return
				}
				for round == mine {
					changed.Wait()
				}
			}
		}()
	}
	<-arrivedAll
	start := time.Now()
	for i := 0; i < rounds; i++ {
		lock.Lock()
		round++
		lock.Unlock()
		changed.Broadcast()
		<-arrivedAll
	}
	took := took{rounds * waiters, time.Since(start)}
	ended.Wait()
	check(arrived == waiters*(rounds+1), "a waiter was not woken")
	return took
}

type key struct{}

func localGet(ops int) took {
	task := context.WithValue(context.Background(), key{}, uint64(1))
	sum := uint64(0)
	start := time.Now()
	for i := 0; i < ops; i++ {
		sum += task.Value(key{}).(uint64)
	}
	took := took{ops, time.Since(start)}
	check(sum == uint64(ops), "the variable is wrong")
	return took
}
