package djinn.predict.detection;

import djinn.data.detection.AnnotatedImage;
import djinn.data.detection.CocoJson;
import djinn.data.detection.ObjectData;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.ShortDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;

/**
 * COCO's list of results. Without a list of images, an image's number is its name where all names are numbers, as COCO's
 * own are, and otherwise its place from 1 on; a category's is its class from 1 on, and COCO's own for its 80 classes. The
 * name of the file is told beside, and the mask as {@code segmentation} where there is one.
 */
final class CocoResults implements DetectionFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path to;
    private final List<Long> categories;
    private final Optional<Map<String, Long>> listed;
    private final String source;
    private final List<String> images = new ArrayList<>();
    private final List<Detections> answers = new ArrayList<>();

    CocoResults(Path to, List<String> classes, Optional<Path> list) {
        this.to = to;
        this.source = list.map(Path::toString).orElse("");
        Optional<ObjectData> data = list.map(file -> CocoJson.read(file, Path.of("")));
        this.listed = data.map(this::numbers);
        this.categories = data.map(of -> categories(of, classes)).orElseGet(() -> CocoCategories.numbers(classes));
    }

    private Map<String, Long> numbers(ObjectData data) {
        Map<String, Long> numbers = new HashMap<>();
        for (AnnotatedImage image : data.images()) {
            if (numbers.put(nameOf(image.name()), image.id()) != null) {
                throw new DataException(
                        source + ": expected one image of each name, found " + nameOf(image.name()) + " twice");
            }
        }
        return numbers;
    }

    private List<Long> categories(ObjectData data, List<String> classes) {
        List<Long> numbers = new ArrayList<>();
        for (String name : classes) {
            int index = data.classes().indexOf(name);
            if (index < 0) {
                throw new DataException(source + ": expected the detector's classes among the categories "
                        + data.classes() + ", there is no '" + name + "'");
            }
            numbers.add(data.categoryIds().get(index));
        }
        return numbers;
    }

    private static String nameOf(String image) {
        return String.valueOf(Path.of(image).getFileName());
    }

    private static String stemOf(String image) {
        return nameOf(image).replaceFirst("\\.[^.]*$", "");
    }

    @Override
    public void add(String image, Detections found) {
        if (listed.isPresent() && !listed.get().containsKey(nameOf(image))) {
            throw new DataException(
                    source + ": expected the images asked about in the list, there is no " + nameOf(image));
        }
        images.add(image);
        answers.add(found);
    }

    @Override
    public Optional<String> finish() {
        boolean numbered = images.stream().map(CocoResults::stemOf).distinct().count() == images.size()
                && images.stream().allMatch(image -> stemOf(image).matches("\\d{1,18}"));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            String image = images.get(i);
            long place = i + 1L;
            long number = listed.map(numbers -> numbers.get(nameOf(image)))
                    .orElseGet(() -> numbered ? Long.parseLong(stemOf(image)) : place);
            for (DetectedObject object : answers.get(i).objects()) {
                lines.add(JSON.writeValueAsString(result(number, image, object)));
            }
        }
        AtomicFile.writeText(to, lines.stream().collect(Collectors.joining(",\n", "[", "]\n")));
        return listed.isPresent() || numbered
                ? Optional.empty()
                : Optional.of(to + ": an image_id is an image's place among those asked about, from 1 on, for not all"
                        + " names are different numbers; --ids FILE takes the numbers of COCO's list");
    }

    private Map<String, Object> result(long number, String image, DetectedObject object) {
        Box box = object.box();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("image_id", number);
        result.put("category_id", categories.get(object.index()));
        result.put(
                "bbox",
                Stream.of(box.x(), box.y(), box.width(), box.height())
                        .map(ShortDecimal::of)
                        .toList());
        result.put("score", ShortDecimal.of(object.score()));
        object.mask().ifPresent(mask -> result.put("segmentation", Detections.segmentation(mask)));
        result.put("file_name", nameOf(image));
        return result;
    }
}
