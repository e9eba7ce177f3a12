/** Runnable programs, from a line fitted with two parameters to a fine-tune on a cluster. */
@NullMarked
package io.sparkgrad.examples;

import org.jspecify.annotations.NullMarked;
