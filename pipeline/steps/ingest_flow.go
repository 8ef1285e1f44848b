package steps

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"penstock/pipeline/source"
)

// flow lets one goroutine fill chunks, in order, and workers do something with them, in any order: while
// one waits for the server, another maps. next ends with io.EOF itself; do
// may use chunk and batch until it returns.
// size is what a chunk holds, for buffers that need not grow.
func flow(ctx context.Context, workers, size int, next func(*source.Chunk) error, do func(context.Context, *source.Chunk, *source.Batch) error) error {
	// Chunks go round: memory is bounded, and a framer that is ahead waits.
	free, full := make(chan *source.Chunk, workers+1), make(chan *source.Chunk)
	for range workers + 1 {
		free <- &source.Chunk{Data: make([]byte, 0, size+size/16)}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		for {
			var c *source.Chunk
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case c = <-free:
			}
			if err := next(c); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case full <- c:
			}
		}
	})
	for range workers {
		group.Go(func() error {
			b := source.Batch{Copy: make([]byte, 0, 3*size)}
			for c := range full {
				b.Reset()
				if err := do(ctx, c, &b); err != nil {
					return err
				}
				free <- c
			}
			return nil
		})
	}
	return group.Wait()
}
