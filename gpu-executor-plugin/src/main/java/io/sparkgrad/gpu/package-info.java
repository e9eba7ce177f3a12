/**
 * The Spark side of GPU execution: the plugin with its driver and executor halves, its settings,
 * and the discovery of GPUs. Knows Spark and never a native library; whether CUDA works is asked of
 * {@code io.sparkgrad.gpu.cuda}.
 */
@NullMarked
package io.sparkgrad.gpu;

import org.jspecify.annotations.NullMarked;
