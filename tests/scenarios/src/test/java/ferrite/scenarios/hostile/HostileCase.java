package ferrite.scenarios.hostile;

import java.util.List;
import java.util.function.Function;

/**
 * A hostile file, and the machine that it is given to.
 *
 * @param kind     the kind of hostility
 * @param parts    the parts of the file
 * @param assembly makes the file from all or some of its parts
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
