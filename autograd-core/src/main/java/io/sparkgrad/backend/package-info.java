/**
 * Where numbers live: buffers, a closed set of kernels on them, and the lookup of the backends that
 * provide both. Knows shapes and never gradients; arguments were checked by the operations that
 * call it.
 */
@NullMarked
package io.sparkgrad.backend;

import org.jspecify.annotations.NullMarked;
