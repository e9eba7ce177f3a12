/**
 * Schedules of the learning rate, with the formulas and defaults of {@code
 * torch.optim.lr_scheduler}.
 */
@NullMarked
package io.sparkgrad.optim.lrscheduler;

import org.jspecify.annotations.NullMarked;
