/**
 * Values that remember how they were made. An operation on tensors of which one requires a gradient
 * records a {@link io.sparkgrad.autograd.Node} in the forward pass; {@code backward()} walks the
 * nodes in reverse and computes only what some leaf that requires a gradient needs. Names, defaults
 * and error phrases are PyTorch's.
 *
 * <p><b>Note [Life of a saved tensor].</b> What a backward formula needs is held in {@link
 * io.sparkgrad.autograd.SavedTensor}s, each with the version of the tensor at that moment. Reading
 * one checks that the version is still the same, and that the graph was not freed. The engine
 * releases the saved tensors of each node as soon as its backward has returned, unless the graph is
 * retained.
 *
 * <p><b>Note [Thread safety].</b> Any number of threads may build graphs and run backward over
 * them, also with shared leaves: accumulation locks the leaf's node, and a node is never applied by
 * two threads at once. A single tensor must not be written in place by one thread while another
 * uses it.
 */
@NullMarked
package io.sparkgrad.autograd;

import org.jspecify.annotations.NullMarked;
