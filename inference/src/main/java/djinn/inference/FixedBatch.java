package djinn.inference;

import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Calls a model that takes batches of one size with batches of any. */
final class FixedBatch {

    private FixedBatch() {}

    /**
     * Runs a model piece by piece, and joins what it answers. Where it answers a piece with fewer of something than another,
     * such as boxes, zeros stand for the others.
     *
     * @param given each of any number of rows, all of the same
     * @param fixed the rows the model takes; less than 1 for any number
     * @param run calls the model
     * @param file where the model is from, for messages
     * @throws DataException if the model answers other rows than it was given
     */
    static List<Tensor> forward(List<Tensor> given, long fixed, Function<List<Tensor>, List<Tensor>> run, Path file) {
        long batch = given.isEmpty() || given.get(0).shape().dimension() == 0
                ? 0
                : given.get(0).shape().get(0);
        if (fixed < 1 || fixed == batch) {
            return run.apply(given);
        }
        List<List<Tensor>> parts = new ArrayList<>();
        for (long from = 0; from < batch; from += fixed) {
            long first = from;
            parts.add(run.apply(
                    given.stream().map(whole -> part(whole, first, fixed)).toList()));
        }
        return IntStream.range(0, parts.get(0).size())
                .mapToObj(output ->
                        joined(parts.stream().map(part -> part.get(output)).toList(), batch, fixed, file))
                .toList();
    }

    /** A piece of as many rows as a file of a fixed batch wants; behind the last row come zeros. */
    private static Tensor part(Tensor whole, long from, long rows) {
        long batch = whole.shape().get(0);
        int rowBytes =
                Math.toIntExact(whole.shape().size() / batch * whole.type().getNumOfBytes());
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(rows * rowBytes)).order(ByteOrder.nativeOrder());
        int count = Math.toIntExact(Math.min(rows, batch - from) * rowBytes);
        bytes.put(0, whole.bytes(), Math.toIntExact(from * rowBytes), count);
        return new Tensor(bytes, withBatch(whole.shape(), rows), whole.type());
    }

    private static Tensor joined(List<Tensor> parts, long batch, long rows, Path file) {
        Tensor first = parts.get(0);
        if (first.shape().dimension() == 0 || first.shape().get(0) != rows) {
            throw new DataException(file + ": expected outputs of a batch of " + rows + ", got " + first.shape()
                    + "; export it with a free batch");
        }
        Tensor longest = parts.stream()
                .max(Comparator.comparingLong(FixedBatch::rowBytes))
                .orElseThrow();
        int rowBytes = Math.toIntExact(rowBytes(longest));
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(batch * rowBytes)).order(ByteOrder.nativeOrder());
        for (int row = 0; row < batch; row++) {
            Tensor part = parts.get(Math.toIntExact(row / rows));
            int own = Math.toIntExact(rowBytes(part));
            bytes.put(row * rowBytes, part.bytes(), Math.toIntExact(row % rows) * own, own);
        }
        return new Tensor(bytes, withBatch(longest.shape(), batch), first.type());
    }

    private static long rowBytes(Tensor tensor) {
        return tensor.shape().size() / tensor.shape().get(0) * tensor.type().getNumOfBytes();
    }

    private static Shape withBatch(Shape shape, long batch) {
        long[] extents = shape.getShape().clone();
        extents[0] = batch;
        return new Shape(extents);
    }
}
