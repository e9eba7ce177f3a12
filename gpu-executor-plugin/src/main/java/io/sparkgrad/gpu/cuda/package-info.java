/**
 * CUDA through JCuda, and the only package that names JCuda. Knows nothing of Spark or its
 * libraries, so that it serves any JVM. JCuda links its native libraries when its classes are first
 * touched, which fails on machines without them: {@link io.sparkgrad.gpu.cuda.CudaProbe} does that
 * once and keeps the verdict.
 */
@NullMarked
package io.sparkgrad.gpu.cuda;

import org.jspecify.annotations.NullMarked;
