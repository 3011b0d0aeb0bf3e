package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.index.full.NDIndexFullPick;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.index.full.NDIndexFullTake;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Indexing in a trace: {@code x.get(":, 1:3")} and its like, as slices and selections axis by axis. */
final class Indexer extends NDArrayIndexer {

    private final Recorder recorder;

    Indexer(Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public NDArray get(NDArray array, NDIndex index) {
        ArrayHandler result = recorder.of(array);
        int axis = 0;
        for (NDIndexElement element : elements(index, array.getShape().dimension())) {
            if (element instanceof NDIndexAll) {
                axis++;
            } else if (element instanceof NDIndexNull) {
                result = recorder.apply("unsqueeze", result, axis++);
            } else if (element instanceof NDIndexFixed fixed) {
                result = recorder.apply("select", result, axis, fixed.getIndex());
            } else if (element instanceof NDIndexSlice slice) {
                result = recorder.apply("slice", result, axis++, slice.getMin(), slice.getMax(), step(slice));
            } else if (element instanceof NDIndexTake take) {
                ArrayHandler at = recorder.of(take.getIndex());
                if (at.value().shape().dimension() != 1) {
                    throw unknown(element);
                }
                at = at.value().type() == DataType.INT64 ? at : recorder.apply("to", at, DataType.INT64, false, false);
                result = recorder.apply("index_select", result, axis++, at);
            } else {
                throw unknown(element);
            }
        }
        return result.proxy();
    }

    /** An assignment to a part: the part is cut out of the rest, and the whole is bound anew. */
    @Override
    public void set(NDArray array, NDIndex index, Object value) {
        ArrayHandler whole = recorder.of(array);
        List<NDIndexElement> elements = elements(index, array.getShape().dimension());
        List<ArrayHandler> levels = new ArrayList<>();
        levels.add(whole);
        for (int axis = 0; axis < elements.size(); axis++) {
            ArrayHandler last = levels.get(axis);
            levels.add(part(last, elements.get(axis), axis));
        }
        ArrayHandler target = levels.get(elements.size());
        Shape shape = target.value().shape();
        ArrayHandler source;
        if (value instanceof Number number) {
            source = recorder.apply("full_like", target, number);
        } else {
            source = recorder.apply("expand", unsqueezed((NDArray) value, elements), shape);
        }
        for (int axis = elements.size() - 1; axis >= 0; axis--) {
            NDIndexElement element = elements.get(axis);
            ArrayHandler into = levels.get(axis);
            if (element instanceof NDIndexFixed fixed) {
                long at = fixed.getIndex();
                source = recorder.apply("slice_scatter", into, source, axis, at, end(at), 1L);
            } else if (element instanceof NDIndexSlice slice) {
                source = recorder.apply(
                        "slice_scatter", into, source, axis, slice.getMin(), slice.getMax(), step(slice));
            }
        }
        whole.rebind(source);
    }

    private ArrayHandler part(ArrayHandler of, NDIndexElement element, int axis) {
        if (element instanceof NDIndexAll) {
            return of;
        } else if (element instanceof NDIndexFixed fixed) {
            return recorder.apply("slice", of, axis, fixed.getIndex(), end(fixed.getIndex()), 1L);
        } else if (element instanceof NDIndexSlice slice) {
            return recorder.apply("slice", of, axis, slice.getMin(), slice.getMax(), step(slice));
        }
        throw unknown(element);
    }

    /** The value with an axis of 1 for every axis of the part that is at a fixed position. */
    private ArrayHandler unsqueezed(NDArray value, List<NDIndexElement> elements) {
        ArrayHandler result = recorder.of(value);
        int missing = elements.size() - value.getShape().dimension();
        for (int axis = 0; axis < elements.size() && missing > 0; axis++) {
            if (elements.get(axis) instanceof NDIndexFixed) {
                result = recorder.apply("unsqueeze", result, axis);
                missing--;
            }
        }
        return result;
    }

    private static List<NDIndexElement> elements(NDIndex index, int dimensions) {
        List<NDIndexElement> elements = new ArrayList<>(index.getIndices());
        long consumed =
                elements.stream().filter(e -> !(e instanceof NDIndexNull)).count();
        int at = index.getEllipsisIndex();
        for (long i = consumed; i < dimensions; i++) {
            elements.add(at < 0 ? elements.size() : at, new NDIndexAll());
        }
        return elements;
    }

    /** The position behind one that may count from the end. */
    private static Long end(long at) {
        return at == -1 ? null : (Long) (at + 1);
    }

    private static Long step(NDIndexSlice slice) {
        return slice.getStep() == null ? 1L : slice.getStep();
    }

    private TraceException unknown(NDIndexElement element) {
        return recorder.error(
                "indexing by " + element.getClass().getSimpleName().replace("NDIndex", "")
                        + " is not known to the tracer",
                "use slices, fixed positions, take or gather");
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullPick pick) {
        throw new UnsupportedOperationException("not reached: get(NDArray, NDIndex) handles every element");
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullTake take) {
        throw new UnsupportedOperationException("not reached: get(NDArray, NDIndex) handles every element");
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullSlice slice) {
        throw new UnsupportedOperationException("not reached: get(NDArray, NDIndex) handles every element");
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, NDArray value) {
        throw new UnsupportedOperationException("not reached: set(NDArray, NDIndex, Object) handles every element");
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice slice, Number value) {
        throw new UnsupportedOperationException("not reached: set(NDArray, NDIndex, Object) handles every element");
    }
}
