// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets the learning rates of an optimiser's groups epoch by epoch: the rate is a function of the
 * group's first rate and of the epoch alone, so that it does not drift and a resumed run has the
 * same bits. Making one sets epoch 0; call {@code optimizer.step()}, then {@code step()}. Groups
 * that are added later take part from their next epoch on.
 */
public abstract class LRScheduler {
  private static final System.Logger LOG = System.getLogger(LRScheduler.class.getName());
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LAST_EPOCH = "last_epoch";
  private static final String BASE_LRS = "base_lrs";
  private static final String LAST_LR = "_last_lr";

  private final Optimizer<?> optimizer;
  private final List<Double> baseLrs = new ArrayList<>();
  private long lastEpoch;
  private boolean started;

  /** Subclasses call {@link #start()} at the end of their constructors. */
  protected LRScheduler(Optimizer<?> optimizer) {
    this.optimizer = optimizer;
  }

  /**
   * The rate in an epoch.
   *
   * @param group the number of the parameter group
   * @param base the rate that the schedule starts from
   * @param epoch 0 or more
   */
  protected abstract double lr(int group, double base, long epoch);

  /** Writes the settings under PyTorch's names. */
  protected abstract void describe(ObjectNode json);

  /** The rate that a group's schedule starts from. */
  protected double baseLr(ParamGroup<?> group) {
    return group.initialLr();
  }

  /** For schedules that move the momentum as well. */
  void applyMomentum(ParamGroup<?> group, long epoch) {}

  protected final void start() {
    apply(0);
  }

  final Optimizer<?> optimizer() {
    return optimizer;
  }

  /** Goes to the next epoch. */
  public final void step() {
    if (!started && lastEpoch == 0 && optimizer.stepCount() == 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "scheduler: step() was called before optimizer.step(), so the first learning rate is never used; call optimizer.step() first");
    }
    apply(lastEpoch + 1);
    started = true;
  }

  private void apply(long epoch) {
    List<? extends ParamGroup<?>> groups = optimizer.paramGroups();
    double[] rates = new double[groups.size()];
    for (int i = 0; i < rates.length; i++) {
      if (i == baseLrs.size()) {
        baseLrs.add(baseLr(groups.get(i)));
      }
      rates[i] = lr(i, baseLrs.get(i), epoch);
    }
    for (int i = 0; i < rates.length; i++) {
      groups.get(i).setLr(rates[i]);
      applyMomentum(groups.get(i), epoch);
    }
    lastEpoch = epoch;
  }

  public final long lastEpoch() {
    return lastEpoch;
  }

  /** The rates of all groups now. */
  public final List<Double> getLastLr() {
    List<Double> rates = new ArrayList<>();
    optimizer.paramGroups().forEach(g -> rates.add(g.lr()));
    return rates;
  }

  /** Settings and progress under PyTorch's names. */
  public final ObjectNode stateDict() {
    ObjectNode json = JSON.createObjectNode();
    describe(json);
    baseLrs.forEach(json.putArray(BASE_LRS)::add);
    json.put(LAST_EPOCH, lastEpoch);
    getLastLr().forEach(json.putArray(LAST_LR)::add);
    return json;
  }

  /**
   * Continues where {@code saved} was taken and sets the rates of that epoch.
   *
   * @throws IllegalArgumentException if it is of a scheduler with other settings or groups; nothing
   *     has changed then
   */
  public final void loadStateDict(ObjectNode saved) {
    ObjectNode own = JSON.createObjectNode();
    describe(own);
    SavedSettings.check(own, saved);
    JsonNode bases = saved.path(BASE_LRS);
    if (!(bases instanceof ArrayNode) || bases.size() != optimizer.paramGroups().size()) {
      throw new IllegalArgumentException(
          "loadStateDict: base_lrs: expected one rate for each of %d parameter groups, got %s"
              .formatted(optimizer.paramGroups().size(), bases));
    }
    JsonNode epoch = saved.path(LAST_EPOCH);
    if (!epoch.isIntegralNumber() || epoch.asLong() < 0) {
      throw new IllegalArgumentException(
          "loadStateDict: last_epoch: expected an integer of 0 or more, got " + epoch);
    }
    baseLrs.clear();
    bases.forEach(b -> baseLrs.add(b.asDouble()));
    apply(epoch.asLong());
  }
}
