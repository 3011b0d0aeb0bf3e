package djinn.predict.detection;

import djinn.data.FileStems;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.ObjectMapper;

/** YOLO's text files; with the images in a folder {@code images} beside {@code labels}, they are data to train on. */
final class YoloLabels implements DetectionFile {

    private final Path labels;
    private final FileStems stems = new FileStems();

    YoloLabels(Path folder, List<String> classes) {
        this.labels = DetectionFile.folder(folder.resolve("labels"));
        ObjectMapper quoting = new ObjectMapper();
        String names = IntStream.range(0, classes.size())
                .mapToObj(i -> "  " + i + ": " + quoting.writeValueAsString(classes.get(i)) + "\n")
                .collect(Collectors.joining());
        AtomicFile.writeText(folder.resolve("data.yaml"), "train: images\nval: images\nnames:\n" + names);
    }

    @Override
    public void add(String image, Detections found) {
        String lines = found.objects().stream()
                .filter(object -> object.box().area() > 0)
                .map(object -> line(object, found))
                .collect(Collectors.joining());
        AtomicFile.writeText(labels.resolve(stems.of(image) + ".txt"), lines);
    }

    private static String line(DetectedObject object, Detections found) {
        Box box = object.box();
        return String.format(
                Locale.ROOT,
                "%d %.6f %.6f %.6f %.6f\n",
                object.index(),
                (box.x() + box.width() / 2) / found.width(),
                (box.y() + box.height() / 2) / found.height(),
                box.width() / found.width(),
                box.height() / found.height());
    }

    @Override
    public Optional<String> finish() {
        return Optional.empty();
    }
}
