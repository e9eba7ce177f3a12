/** Plain text for people to read in a terminal of 80 columns. */
@NullMarked
package io.sparkgrad.nn.text;

import org.jspecify.annotations.NullMarked;
