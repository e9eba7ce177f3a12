/** Losses, each a composition of operations: what a network is trained to make small. */
@NullMarked
package io.sparkgrad.nn.loss;

import org.jspecify.annotations.NullMarked;
