/** Measures the estimator against the neural network that Spark ML brings itself. */
@NullMarked
package io.sparkgrad.examples.mllib;

import org.jspecify.annotations.NullMarked;
