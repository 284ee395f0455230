package ferrite.scenarios.foreign;

import java.nio.file.Path;
import java.util.List;

/**
 * A program of a foreign suite.
 *
 * @param group     the tests with which it is counted
 * @param name      the name in the group
 * @param compiler  the words after the compiler's name, without the output
 * @param harts     the harts of its machine
 * @param reference the results that it must leave in memory; null if it says itself whether it passed
 */
record ForeignTest(String group, String name, List<String> compiler, int harts, Path reference) {

    @Override
    public String toString() {
        return group + " " + name;
    }
}
