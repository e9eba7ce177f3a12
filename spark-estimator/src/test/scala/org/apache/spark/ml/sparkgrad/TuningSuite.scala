package org.apache.spark.ml.sparkgrad

import io.sparkgrad.spark.{AutogradClassificationModel, AutogradClassifier}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.apache.spark.ml.linalg.Vectors
import org.apache.spark.ml.param.ParamMap
import org.apache.spark.ml.tuning._
import org.apache.spark.ml.util._
import org.apache.spark.sql.DataFrame

/** Spark's CrossValidatorSuite and TrainValidationSplitSuite with our classifier inside. */
class TuningSuite extends MLTest with DefaultReadWriteTest {
  import testImplicits._

  private lazy val data: DataFrame =
    (0 until 60).map { i =>
      (Vectors.dense(math.sin(i), math.cos(i)), if (math.sin(i) > 0.3 * math.cos(i)) 1.0 else 0.0)
    }.toDF("features", "label")

  private val net = Networks.classifier(2, 4, 2).setMaxIter(4).setNumWorkers(2)
  private val grid = new ParamGridBuilder()
    .addGrid(net.learningRate, Array(0.1, 1e-6))
    .addGrid(net.batchSize, Array(4, 32))
    .build()
  private val evaluator = new MulticlassClassificationEvaluator().setMetricName("logLoss")

  private def validator = new CrossValidator()
    .setEstimator(net)
    .setEstimatorParamMaps(grid)
    .setEvaluator(evaluator)
    .setNumFolds(2)
    .setSeed(1L)

  test("cross validation in parallel gives the metrics of a serial one") {
    val serial = validator.setParallelism(1).fit(data)
    val parallel = validator.setParallelism(2).fit(data)
    assert(serial.avgMetrics === parallel.avgMetrics)
    val best = Seq(serial, parallel).map(_.bestModel.parent.asInstanceOf[AutogradClassifier])
    assert(best.map(_.getLearningRate) === Seq(0.1, 0.1))
    assert(best.head.getBatchSize === best.last.getBatchSize)
  }

  test("a validated model is saved and loaded with its sub-models") {
    val model = validator.setCollectSubModels(true).fit(data)
    assert(model.subModels.map(_.length) === Array(4, 4))
    val loaded = testDefaultReadWrite(model, testParams = false)
    assert(loaded.avgMetrics === model.avgMetrics)
    assert(
      Networks.weights(loaded.bestModel.asInstanceOf[AutogradClassificationModel]) ===
        Networks.weights(model.bestModel.asInstanceOf[AutogradClassificationModel]))
    val cv = testDefaultReadWrite(validator, testParams = false)
    assert(cv.getEstimatorParamMaps.length === grid.length)
    assert(cv.getEstimator.asInstanceOf[AutogradClassifier].getMaxIter === 4)
  }

  test("a train-validation split in parallel gives the metrics of a serial one") {
    def split(parallelism: Int) = new TrainValidationSplit()
      .setEstimator(net)
      .setEstimatorParamMaps(grid)
      .setEvaluator(evaluator)
      .setSeed(1L)
      .setParallelism(parallelism)
      .fit(data)
    assert(split(1).validationMetrics === split(2).validationMetrics)
  }

  test("fits with several ParamMaps at once do not disturb each other") {
    val one = net.fit(data, ParamMap(net.learningRate -> 0.1))
    val many = net.fit(data, grid.toIndexedSeq)
    assert(many.size === grid.length)
    assert(Networks.weights(many(0)) !== Networks.weights(many(1)))
    val again = net.fit(data, ParamMap(net.learningRate -> 0.1))
    assert(Networks.weights(one) === Networks.weights(again))
  }
}
