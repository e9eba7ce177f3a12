/** DJL's PyTorch engine, from the jars on the class path and without a download. */
@NullMarked
package io.sparkgrad.examples.bench.djl;

import org.jspecify.annotations.NullMarked;
