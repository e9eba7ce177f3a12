// SPDX-License-Identifier: Apache-2.0
/**
 * The fast CPU backend: oneDNN's kernels on native memory, in the layouts that oneDNN asks for.
 *
 * <p>Layers, each using those below it: {@link io.sparkgrad.backend.onednn.OneDnnBackend} chooses
 * between plain Java and native code; one class per family of kernels makes primitives and runs
 * them; {@code NativeBuffer} holds numbers in one layout and, until they are overwritten, in others
 * it was asked for; {@code Primitive}, {@code Format} and {@code Block} are oneDNN's primitives,
 * memory descriptors and memory.
 */
@NullMarked
package io.sparkgrad.backend.onednn;

import org.jspecify.annotations.NullMarked;
