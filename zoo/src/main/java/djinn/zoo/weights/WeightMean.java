package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import djinn.ops.DataException;
import djinn.ops.Scalars;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The mean of the weights of several files of one model, a uniform soup (Wortsman et al. 2022, "Model soups").
 *
 * <p>Sums are made in float64, and each array is brought back to its own type. The running statistics of batch norm are
 * averaged like all else, as {@code torch.optim.swa_utils.AveragedModel} does with {@code use_buffers}; they are not those
 * that the averaged weights would measure. Whole numbers, such as counts of batches, are the first file's.
 *
 * @param arrays the averages by name, in the first file's order
 * @param metadata what all files say alike
 * @param differing what they say otherwise or only some say, left out: for each key the files' words in their order,
 *     {@code nothing} where a file has none
 * @param taken the names of the arrays that are the first file's
 * @param statistics how many of the averages are running statistics
 */
public record WeightMean(
        Map<String, NDArray> arrays,
        Map<String, String> metadata,
        Map<String, List<String>> differing,
        List<String> taken,
        long statistics) {

    private static final String NOTHING = "nothing";

    /** Of the bytes, which are others in any case. */
    private static final String CHECKSUM = "djinn.crc32c";

    /** Copies the collections, in their order. */
    public WeightMean {
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        differing = Collections.unmodifiableMap(new LinkedHashMap<>(differing));
        taken = List.copyOf(taken);
    }

    /**
     * Averages files, of which one at a time is read.
     *
     * @param files safetensors files, at least two
     * @param owner owns the averages
     * @throws IllegalArgumentException if there are fewer than two
     * @throws DataException if one cannot be read, is damaged, holds other arrays than the first, or numbers that are not
     *     finite
     */
    public static WeightMean of(List<Path> files, NDManager owner) {
        if (files.size() < 2) {
            throw new IllegalArgumentException("expected at least two files to average, got " + files.size());
        }
        List<Map<String, String>> told = new ArrayList<>();
        Map<String, NDArray> sums = new LinkedHashMap<>();
        Map<String, DataType> types = new LinkedHashMap<>();
        for (Path path : files) {
            try (Safetensors file = Safetensors.open(path);
                    NDManager reading = owner.newSubManager()) {
                file.verifyChecksum();
                Map<String, NDArray> arrays = file.readAll(reading);
                if (!told.isEmpty()) {
                    requireSame(files.get(0), sums, types, path, arrays);
                }
                FiniteCheck.require(arrays, path.toString());
                add(sums, types, arrays, owner);
                told.add(file.metadata());
            }
        }
        List<String> taken = new ArrayList<>();
        Map<String, NDArray> means = new LinkedHashMap<>();
        sums.forEach((name, sum) -> {
            DataType type = types.get(name);
            if (type.isFloating()) {
                means.put(name, Scalars.div(sum, files.size()).toType(type, true));
                sum.close();
            } else {
                taken.add(name);
                means.put(name, sum);
            }
        });
        Map<String, String> same = new LinkedHashMap<>();
        Map<String, List<String>> differing = new LinkedHashMap<>();
        told.stream().flatMap(own -> own.keySet().stream()).distinct().sorted().forEach(key -> {
            List<String> words =
                    told.stream().map(own -> own.getOrDefault(key, NOTHING)).toList();
            if (words.stream().distinct().count() == 1) {
                same.put(key, words.get(0));
            } else if (!key.equals(CHECKSUM)) {
                differing.put(key, words);
            }
        });
        same.remove(CHECKSUM);
        long statistics = means.keySet().stream()
                .filter(name -> name.endsWith("running_mean") || name.endsWith("running_var"))
                .count();
        return new WeightMean(means, same, differing, taken, statistics);
    }

    private static void add(
            Map<String, NDArray> sums, Map<String, DataType> types, Map<String, NDArray> arrays, NDManager owner) {
        arrays.forEach((name, array) -> {
            NDArray sum = sums.get(name);
            if (sum == null) {
                types.put(name, array.getDataType());
                NDArray first = array.getDataType().isFloating() ? array.toType(DataType.FLOAT64, true) : array;
                first.attach(owner);
                sums.put(name, first);
            } else if (array.getDataType().isFloating()) {
                sum.addi(array.toType(DataType.FLOAT64, true));
            }
        });
    }

    private static void requireSame(
            Path first,
            Map<String, NDArray> sums,
            Map<String, DataType> types,
            Path path,
            Map<String, NDArray> arrays) {
        for (String name : sums.keySet()) {
            if (!arrays.containsKey(name)) {
                throw other(path, first, "has no array " + name);
            }
        }
        arrays.forEach((name, array) -> {
            NDArray sum = sums.get(name);
            if (sum == null) {
                throw other(path, first, "has an array " + name + " that the other has not");
            }
            if (!sum.getShape().equals(array.getShape()) || !Objects.equals(types.get(name), array.getDataType())) {
                throw other(
                        path,
                        first,
                        "has " + name + " as " + array.getShape() + " of " + array.getDataType() + ", not "
                                + sum.getShape() + " of " + types.get(name));
            }
        });
    }

    private static DataException other(Path path, Path first, String what) {
        return new DataException(
                path + ": expected weights of the same model as " + first + ", which this file is not: it " + what);
    }
}
