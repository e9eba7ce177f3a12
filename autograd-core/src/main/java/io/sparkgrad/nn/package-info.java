/**
 * Layers as plain classes, with PyTorch's names, defaults, initialisation and state-dict keys, so
 * that weights saved by PyTorch load unchanged. A network is also data: {@link
 * io.sparkgrad.nn.Architecture} writes it as JSON and builds it again.
 */
@NullMarked
package io.sparkgrad.nn;

import org.jspecify.annotations.NullMarked;
