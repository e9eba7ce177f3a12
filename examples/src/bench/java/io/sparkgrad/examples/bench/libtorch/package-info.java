/**
 * libtorch through JavaCPP's preset, as a Java user writes it: functions of {@code torch}, a {@code
 * PointerScope} a step.
 */
@NullMarked
package io.sparkgrad.examples.bench.libtorch;

import org.jspecify.annotations.NullMarked;
