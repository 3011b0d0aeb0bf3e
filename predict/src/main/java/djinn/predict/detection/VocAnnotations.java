package djinn.predict.detection;

import djinn.data.FileStems;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Pascal VOC's annotations; pixels are counted from 1, and both corners belong to a box. */
final class VocAnnotations implements DetectionFile {

    private final Path annotations;
    private final FileStems stems = new FileStems();

    VocAnnotations(Path folder) {
        this.annotations = DetectionFile.folder(folder.resolve("Annotations"));
    }

    @Override
    public void add(String image, Detections found) {
        String stem = stems.of(image);
        Path file = Path.of(image).getFileName();
        StringBuilder xml = new StringBuilder("<annotation>\n");
        xml.append(element(1, "filename", file == null || image.equals("-") ? stem : file.toString()));
        xml.append("  <size>\n")
                .append(element(2, "width", Integer.toString(found.width())))
                .append(element(2, "height", Integer.toString(found.height())))
                .append(element(2, "depth", "3"))
                .append("  </size>\n")
                .append(element(1, "segmented", "0"));
        found.objects().stream()
                .filter(object -> object.box().area() > 0)
                .forEach(object -> xml.append("  <object>\n")
                        .append(element(2, "name", object.label()))
                        .append(element(2, "pose", "Unspecified"))
                        .append(element(2, "truncated", "0"))
                        .append(element(2, "difficult", "0"))
                        .append("    <bndbox>\n")
                        .append(corners(object.box()))
                        .append("    </bndbox>\n  </object>\n"));
        AtomicFile.writeText(
                annotations.resolve(stem + ".xml"),
                xml.append("</annotation>\n").toString());
    }

    private static String corners(Box box) {
        return element(3, "xmin", number(box.x() + 1))
                + element(3, "ymin", number(box.y() + 1))
                + element(3, "xmax", number(box.x() + box.width()))
                + element(3, "ymax", number(box.y() + box.height()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String element(int depth, String name, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return "  ".repeat(depth) + "<" + name + ">" + escaped + "</" + name + ">\n";
    }

    @Override
    public Optional<String> finish() {
        return Optional.empty();
    }
}
