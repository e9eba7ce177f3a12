/** Measures {@code transform} against the loop it runs, and against a peer in its place. */
@NullMarked
package io.sparkgrad.examples.transform;

import org.jspecify.annotations.NullMarked;
