package org.apache.spark.ml.sparkgrad

import java.io.File

import io.sparkgrad.spark._
import org.apache.spark.ml._
import org.apache.spark.ml.feature.VectorAssembler
import org.apache.spark.ml.util.MLTest
import org.apache.spark.scheduler.{SparkListener, SparkListenerEvent}
import org.apache.spark.sql.{DataFrame, Dataset}
import org.apache.spark.util.JsonProtocol

import scala.collection.mutable

/** Spark's MLEventsSuite with real stages of ours where that has mocks. */
class EventsSuite extends MLTest {
  import testImplicits._

  private val events = mutable.ArrayBuffer.empty[MLEvent]
  private val listener = new SparkListener {
    override def onOtherEvent(event: SparkListenerEvent): Unit = event match {
      case e: MLEvent => events.synchronized(events.append(e))
      case _ =>
    }
  }

  private lazy val data: DataFrame =
    Seq((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)).toDF("a", "b", "label")
  private val assembler =
    new VectorAssembler().setInputCols(Array("a", "b")).setOutputCol("features")
  private val ours: Seq[Estimator[_ <: Model[_]]] = Seq(
    Networks.classifier(2, 3, 2).setMaxIter(1),
    Networks.regressor(2, 1).setMaxIter(1),
    new AutogradEstimator().setNetwork(Networks.relus(2, 1)).setMaxIter(1))

  private lazy val fitted: Seq[(String, PipelineModel)] =
    ours.map(estimator => (estimator.uid, pipeline(estimator).fit(data)))

  override def beforeAll(): Unit = {
    super.beforeAll()
    spark.sparkContext.addSparkListener(listener)
  }

  override def afterAll(): Unit = {
    try spark.sparkContext.removeSparkListener(listener)
    finally super.afterAll()
  }

  /** What was said while the body ran; each event has gone through JSON as in an event log. */
  private def during(body: => Unit): Seq[MLEvent] = {
    sc.listenerBus.waitUntilEmpty()
    events.synchronized(events.clear())
    body
    sc.listenerBus.waitUntilEmpty()
    val seen = events.synchronized(events.toSeq)
    seen.foreach { event =>
      val logged = JsonProtocol.sparkEventFromJson(JsonProtocol.sparkEventToJsonString(event))
      assert(logged.getClass === event.getClass)
    }
    seen
  }

  private def pipeline(last: Estimator[_ <: Model[_]]): Pipeline =
    new Pipeline().setStages(Array[PipelineStage](assembler, last))

  private def fields(dataset: Dataset[_]): Seq[String] = dataset.columns.toSeq

  /** An event as its name, the uid of its stage, and the columns of its rows or its model's class. */
  private def told(event: MLEvent): (String, String, Any) = event match {
    case e: FitStart[_] => ("FitStart", e.estimator.uid, fields(e.dataset))
    case e: FitEnd[_] => ("FitEnd", e.estimator.uid, e.model.getClass)
    case e: TransformStart => ("TransformStart", e.transformer.uid, fields(e.input))
    case e: TransformEnd => ("TransformEnd", e.transformer.uid, fields(e.output))
    case e => fail(s"unexpected event $e")
  }

  private val raw = Seq("a", "b", "label")
  private val assembled = raw :+ "features"

  test("pipeline fit events") {
    ours.foreach { estimator =>
      val whole = pipeline(estimator)
      var model: PipelineModel = null
      val seen = during { model = whole.fit(data) }
      assert(
        seen.map(told) === Seq(
          ("FitStart", whole.uid, raw),
          ("TransformStart", assembler.uid, raw),
          ("TransformEnd", assembler.uid, assembled),
          ("FitStart", estimator.uid, assembled),
          ("FitEnd", estimator.uid, model.stages.last.getClass),
          ("FitEnd", whole.uid, classOf[PipelineModel])))
      val models = seen.collect { case e: FitEnd[_] => e.model: Any }
      assert(models.head.asInstanceOf[AnyRef] eq model.stages.last)
    }
  }

  test("pipeline model transform events") {
    fitted.foreach { case (uid, model) =>
      var output: DataFrame = null
      val seen = during { output = model.transform(data) }
      assert(output.columns.length > assembled.length)
      assert(
        seen.map(told) === Seq(
          ("TransformStart", model.uid, raw),
          ("TransformStart", assembler.uid, raw),
          ("TransformEnd", assembler.uid, assembled),
          ("TransformStart", uid, assembled),
          ("TransformEnd", uid, fields(output)),
          ("TransformEnd", model.uid, fields(output))))
    }
  }

  /** An event of saving or loading as its name, the last of its path, and the uid that came. */
  private def stored(event: MLEvent): (String, String, String) = event match {
    case e: SaveInstanceStart => ("SaveInstanceStart", last(e.path), "")
    case e: SaveInstanceEnd => ("SaveInstanceEnd", last(e.path), "")
    case e: LoadInstanceStart[_] => ("LoadInstanceStart", last(e.path), "")
    case e: LoadInstanceEnd[_] =>
      ("LoadInstanceEnd", "", e.instance.asInstanceOf[PipelineStage].uid)
    case e => fail(s"unexpected event $e")
  }

  private def last(path: String): String = new File(path).getName

  /** The events of two stages within those of the whole, as Spark saves and loads. */
  private def around(what: String, whole: PipelineStage, uids: Seq[String]) = {
    def start(name: String) = (s"${what}InstanceStart", name, "")
    def end(name: String, uid: String) =
      if (what == "Save") ("SaveInstanceEnd", name, "") else ("LoadInstanceEnd", "", uid)
    val stages = uids.zipWithIndex.flatMap { case (uid, i) =>
      Seq(start(s"${i}_$uid"), end(s"${i}_$uid", uid))
    }
    (start("whole") +: stages) :+ end("whole", whole.uid)
  }

  test("pipeline read/write events") {
    ours.foreach { estimator =>
      withTempDir { dir =>
        val path = new File(dir, "whole").toURI.toString
        val whole = pipeline(estimator)
        val uids = Seq(assembler.uid, estimator.uid)
        assert(during(whole.write.save(path)).map(stored) === around("Save", whole, uids))
        assert(during(Pipeline.load(path)).map(stored) === around("Load", whole, uids))
      }
    }
  }

  test("pipeline model read/write events") {
    fitted.foreach { case (uid, model) =>
      withTempDir { dir =>
        val path = new File(dir, "whole").toURI.toString
        val stages = Seq(assembler.uid, uid)
        assert(during(model.write.save(path)).map(stored) === around("Save", model, stages))
        assert(during(PipelineModel.load(path)).map(stored) === around("Load", model, stages))
      }
    }
  }
}
