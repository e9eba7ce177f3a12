/** Weights on disk: the safetensors format. */
@NullMarked
package io.sparkgrad.io;

import org.jspecify.annotations.NullMarked;
