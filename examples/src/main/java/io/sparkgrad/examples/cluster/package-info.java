/** Measures what goes between the executors of a cluster. */
@NullMarked
package io.sparkgrad.examples.cluster;

import org.jspecify.annotations.NullMarked;
