// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.OptimizerOptions;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.RMSprop;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.train.OptimizerSettings.Averages;
import io.sparkgrad.spark.train.OptimizerSettings.LayerRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds optimisers over what is not frozen, with a group of parameters for each learning rate. */
final class Optimizers {
  private static final String SETTING = "layerLearningRates";

  private Optimizers() {}

  /**
   * The optimiser; its first group holds the parameters without a rate of their own, if there are
   * any.
   *
   * @throws InputException if a pattern names no parameter that is trained
   */
  static Optimizer<?> of(OptimizerSettings settings, Module network) {
    double lr = settings.learningRate();
    double decay = settings.weightDecay();
    Averages averages = settings.averages();
    Double epsilon = averages.epsilon();
    List<Group> groups = groups(settings.layerRates(), network);
    return switch (settings.name()) {
      case "sgd" ->
          new SGD(
              new SGD.Options(
                  lr, averages.momentum(), averages.dampening(), decay, averages.nesterov(), false),
              specs(groups));
      case "adam" -> new Adam(adam(Adam.Options.DEFAULT, settings), specs(groups));
      case "adamw" -> new AdamW(adam(AdamW.DEFAULT, settings), specs(groups));
      case "rmsprop" -> {
        RMSprop.Options defaults = RMSprop.Options.DEFAULT;
        yield new RMSprop(
            defaults
                .withLr(lr)
                .withWeightDecay(decay)
                .withAlpha(averages.alpha())
                .withMomentum(averages.momentum())
                .withEps(epsilon == null ? defaults.eps() : epsilon),
            specs(groups));
      }
      case "adagrad" -> {
        Adagrad.Options defaults = Adagrad.Options.DEFAULT;
        yield new Adagrad(
            defaults
                .withLr(lr)
                .withWeightDecay(decay)
                .withEps(epsilon == null ? defaults.eps() : epsilon),
            specs(groups));
      }
      default -> throw new IllegalArgumentException("optimizer: unknown: " + settings.name());
    };
  }

  private static Adam.Options adam(Adam.Options defaults, OptimizerSettings settings) {
    Averages averages = settings.averages();
    Double epsilon = averages.epsilon();
    return defaults
        .withLr(settings.learningRate())
        .withWeightDecay(settings.weightDecay())
        .withBetas(averages.beta1(), averages.beta2())
        .withEps(epsilon == null ? defaults.eps() : epsilon)
        .withAmsgrad(averages.amsgrad());
  }

  /** Parameters that share a rate; null for that of the optimiser. */
  private record Group(List<Parameter> parameters, @Nullable Double learningRate) {}

  private static List<Group> groups(List<LayerRate> rates, Module network) {
    List<Parameter> rest =
        new ArrayList<>(network.parameters().stream().filter(Tensor::requiresGrad).toList());
    List<Group> groups = new ArrayList<>();
    for (LayerRate rate : rates) {
      Map<String, Parameter> matching =
          network.matchingParameters(SETTING, List.of(rate.pattern()));
      if (matching.values().stream().noneMatch(Tensor::requiresGrad)) {
        throw new InputException(
            "%s: '%s' names only frozen parameters; trained are %s."
                .formatted(SETTING, rate.pattern(), String.join(", ", trained(network))));
      }
      List<Parameter> own = rest.stream().filter(p -> contains(matching, p)).toList();
      rest.removeAll(own);
      if (!own.isEmpty()) { // else earlier patterns have them all
        groups.add(new Group(own, rate.learningRate()));
      }
    }
    if (!rest.isEmpty()) {
      groups.add(0, new Group(rest, null));
    }
    return groups;
  }

  private static List<String> trained(Module network) {
    return network.namedParameters().entrySet().stream()
        .filter(e -> e.getValue().requiresGrad())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean contains(Map<String, Parameter> parameters, Parameter p) {
    return parameters.values().stream().anyMatch(q -> q == p);
  }

  private static <O extends OptimizerOptions<O>> List<ParamGroup.Spec<O>> specs(
      List<Group> groups) {
    List<ParamGroup.Spec<O>> specs = new ArrayList<>();
    for (Group group : groups) {
      Double rate = group.learningRate();
      specs.add(
          ParamGroup.of(
              group.parameters(), defaults -> rate == null ? defaults : defaults.withLr(rate)));
    }
    return specs;
  }
}
