// SPDX-License-Identifier: Apache-2.0
/**
 * Executes PTX on a machine without a GPU, and checks it as {@code compute-sanitizer} would. Text
 * goes through {@link io.sparkgrad.gpu.ptx.PtxParser} (syntax), {@link
 * io.sparkgrad.gpu.ptx.KernelCompiler} (registers, symbols, calls inlined; one {@code …Decoder} for
 * each family of instructions) to a {@link io.sparkgrad.gpu.ptx.Kernel}: an array of instructions
 * that {@link io.sparkgrad.gpu.ptx.Warp} runs, each for all its active lanes at once.
 *
 * <p>Approximate instructions ({@code ex2.approx} and its like) round the exact value, which is
 * closer to it than hardware promises to be; everything else gives the bits that the PTX ISA asks
 * for. Blocks run one after the other, warps of a block in turn up to the next barrier: the order
 * is fixed, so results repeat bit for bit.
 */
@NullMarked
package io.sparkgrad.gpu.ptx;

import org.jspecify.annotations.NullMarked;
