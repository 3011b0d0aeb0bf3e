package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/** Takes rows of tensors in ONNX Runtime, without a copy through Java. */
public final class OnnxRows implements AutoCloseable {

    private static final String X = "x";
    private static final String ROWS = "rows";
    private static final String Y = "y";

    private final OrtSession session;

    private OnnxRows(OrtSession session) {
        this.session = session;
    }

    /**
     * Makes it.
     *
     * @param type of the tensors' elements
     * @return to be closed
     * @throws OrtException if ONNX Runtime has no such type
     */
    public static OnnxRows of(DataType type) throws OrtException {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("rows")
                .addInput(value(X, type))
                .addInput(value(ROWS, DataType.INT64))
                .addOutput(value(Y, type))
                .addNode(NodeProto.newBuilder()
                        .setOpType("Gather")
                        .addInput(X)
                        .addInput(ROWS)
                        .addOutput(Y)
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("axis")
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(0)));
        byte[] model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OnnxOptions.DEFAULT.opset()))
                .setGraph(graph)
                .build()
                .toByteArray();
        return new OnnxRows(OnnxRuntime.openForOneThread(model));
    }

    /** Of any number of axes. */
    private static ValueInfoProto value(String name, DataType type) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(OnnxTypes.code(type))))
                .build();
    }

    /**
     * Takes rows.
     *
     * @param tensor (N, ...)
     * @param rows which, (M), int64 from 0 to below N
     * @return (M, ...), to be closed
     * @throws OrtException if there is no such row
     */
    public OnnxTensor of(OnnxTensor tensor, OnnxTensor rows) throws OrtException {
        return (OnnxTensor) session.run(Map.of(X, tensor, ROWS, rows)).get(0);
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
