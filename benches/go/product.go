package main

import (
	"math"
	"time"
)

const (
	n       = 128 // rows and columns of each matrix
	workers = 16
)

var (
	a, b    = matrix(7919), matrix(104_729)
	product = sequential()
)

func matrix(step int) []float64 {
	m := make([]float64, n*n)
	for i := range m {
		m[i] = float64(i*step%1009) / 1009
	}
	return m
}

func sequential() []float64 {
	m := make([]float64, n*n)
	for i := range m {
		m[i] = dot(i/n, i%n)
	}
	return m
}

//go:noinline
func dot(i, j int) float64 {
	sum := 0.0
	for k := 0; k < n; k++ {
		sum += a[i*n+k] * b[k*n+j]
	}
	return sum
}

func elem(number int) float64 { return dot(number/n, number%n) }

func placeElem(m []float64, number int, value float64) { m[number] = value }

func row(number int) []float64 {
	m := make([]float64, n)
	for j := range m {
		m[j] = dot(number, j)
	}
	return m
}

func placeRow(m []float64, number int, row []float64) { copy(m[number*n:], row) }

// What a job results in.
type done[T any] struct {
	number int
	value  T
}

// The product by jobs that tasks take from a channel; they put their results into another.
func matmul[T any](count int, work func(int) T, place func([]float64, int, T)) run {
	multiply := func(m []float64) {
		jobs, results := make(chan int, 128), make(chan done[T], 128)
		for i := 0; i < workers; i++ {
			go func() {
				for number := range jobs {
					results <- done[T]{number, work(number)}
				}
			}()
		}
		go func() {
			for number := 0; number < count; number++ {
				jobs <- number
			}
			close(jobs)
		}()
		for i := 0; i < count; i++ {
			done := <-results
			place(m, done.number, done.value)
		}
	}
	return func(ops int) took {
		took := took{ops: ops}
		m := make([]float64, n*n)
		for i := 0; i < ops; i++ {
			for i := range m {
				m[i] = math.NaN()
			}
			start := time.Now()
			multiply(m)
			took.time += time.Since(start)
			for i := range m {
				check(m[i] == product[i], "the product is wrong")
			}
		}
		return took
	}
}
