/** Applies a network to the rows of a DataFrame in batches. */
@NullMarked
package io.sparkgrad.spark.inference;

import org.jspecify.annotations.NullMarked;
