package ferrite.scenarios.hostile;

import java.util.List;
import java.util.function.Function;

/**
 * A file that means no good, and the machine that it is given to.
 *
 * @param kind     in what way it is hostile
 * @param parts    what it is made of
 * @param assembly makes the file from them, or from some of them
 */
record HostileCase<P extends Part>(Kind kind, Setup setup, List<P> parts, Function<List<P>, byte[]> assembly) {

    byte[] file() {
        return assembly.apply(parts);
    }

    HostileCase<P> with(Setup other) {
        return new HostileCase<>(kind, other, parts, assembly);
    }

    HostileCase<P> with(List<P> kept) {
        return new HostileCase<>(kind, setup, kept, assembly);
    }
}
