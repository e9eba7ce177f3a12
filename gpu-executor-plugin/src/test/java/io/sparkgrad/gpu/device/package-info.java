// SPDX-License-Identifier: Apache-2.0
/**
 * Tests that need a GPU, tagged {@code gpu}; elsewhere they are skipped with the provider's reason.
 * {@code gpu-executor-plugin/gpu-tests} takes them to a host that has one and runs {@link
 * io.sparkgrad.gpu.device.GpuTests}.
 */
@NullMarked
package io.sparkgrad.gpu.device;

import org.jspecify.annotations.NullMarked;
