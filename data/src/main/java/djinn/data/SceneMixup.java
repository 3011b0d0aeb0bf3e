package djinn.data;

import djinn.ops.Default;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Images that shine through one another, with the objects of both (Zhang et al. 2019, "Bag of Freebies for Training
 * Object Detection Neural Networks"): each image of a batch and another that is drawn of it. All objects count alike.
 *
 * @param alpha of the Beta(alpha, alpha) distribution that the share of the own image is drawn from, above 0; 8 is that of
 *     YOLO's tools, with shares about one half
 * @param p how often, 0 to 1
 */
public record SceneMixup(
        @Default("8") double alpha, @Default("0.15") double p) implements SceneMixing {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public SceneMixup {
        Partners.check(alpha, p);
    }

    @Override
    public List<Scene> mixed(List<Scene> scenes, Preprocessing model, RandomGenerator random) {
        SceneMixing.requireOneSize(scenes);
        List<Scene> mixed = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            Scene own = scenes.get(i);
            boolean isMixed = random.nextDouble() < p;
            int other = random.nextInt(scenes.size());
            double share = Beta.draw(alpha, random);
            mixed.add(isMixed && other != i ? blended(own, scenes.get(other), share) : own);
        }
        return mixed;
    }

    private static Scene blended(Scene own, Scene other, double share) {
        byte[] first = own.image().values();
        byte[] second = other.image().values();
        byte[] values = new byte[first.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) Math.round((first[i] & 0xFF) * share + (second[i] & 0xFF) * (1 - share));
        }
        ImageObjects objects = own.objects();
        List<ImageObject> both = new ArrayList<>(objects.objects());
        both.addAll(other.objects().objects());
        int dropped = objects.dropped() + other.objects().dropped();
        return new Scene(
                new Pixels(
                        own.image().height(), own.image().width(), own.image().channels(), values),
                new ImageObjects(objects.height(), objects.width(), both, objects.leastVisible(), dropped),
                own.origin());
    }
}
