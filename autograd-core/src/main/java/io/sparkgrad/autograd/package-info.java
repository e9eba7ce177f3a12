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
 * them, also with shared leaves: a node, the leaf's included, is never run by two chains of passes
 * at once. A pass that is started inside another belongs to the same chain, even where it goes on
 * in a thread of its own ({@code Nesting}). A single tensor must not be written in place by one
 * thread while another uses it.
 */
@NullMarked
package io.sparkgrad.autograd;

import org.jspecify.annotations.NullMarked;
