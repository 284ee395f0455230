package ferrite.kernel.fs;

import ferrite.kernel.base.Errno;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The way of a path through the tree of files, one name after the other: Linux's {@code link_path_walk}. A slash at the
 * end counts as {@code /.}, so that a file before it is refused. Task context; it may sleep.
 */
public final class PathWalk {

    /** The most links that one path may lead through: {@code MAXSYMLINKS}. */
    private static final int MAX_LINKS = 40;

    /** The most bytes of one name. */
    private static final int NAME_MAX = 255;

    private PathWalk() { }

    /**
     * The end of a path. The last name may be missing in its directory.
     *
     * @param path  the absolute path without links, dots and slashes at the end
     * @param error 0, or a negative {@link Errno} in place of a path: ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP
     */
    public record End(String path, int error) {

        private static End failed(int errno) {
            return new End(null, -errno);
        }
    }

    /**
     * Walks a path.
     *
     * @param start   the directory where a relative path begins, as {@link End#path} is
     * @param follows whether to follow a link in the last place
     */
    static End walk(FileTree tree, String start, String path, boolean follows) {
        Deque<String> names = new ArrayDeque<>();
        prepend(names, path);
        String here = path.startsWith("/") ? "/" : start;
        int links = 0;
        while (!names.isEmpty()) {
            FileTree.Stat directory = tree.at(here);
            if (directory == null || !directory.isDirectory()) {
                return End.failed(directory == null ? Errno.ENOENT : Errno.ENOTDIR);
            }
            String name = names.removeFirst();
            if (name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                here = parent(here);
                continue;
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
                return End.failed(Errno.ENAMETOOLONG);
            }
            String next = child(here, name);
            String target = follows || !names.isEmpty() ? tree.target(next) : null;
            if (target == null) {
                here = next;
                continue;
            }
            if (++links > MAX_LINKS || target.isEmpty()) {
                return End.failed(target.isEmpty() ? Errno.ENOENT : Errno.ELOOP);
            }
            prepend(names, target);
            here = target.startsWith("/") ? "/" : here;
        }
        return new End(here, 0);
    }

    /** Puts the names of a path before others. */
    private static void prepend(Deque<String> names, String path) {
        String[] added = (path.endsWith("/") ? path + "." : path).split("/");
        for (int i = added.length - 1; i >= 0; i--) {
            if (!added[i].isEmpty()) {
                names.addFirst(added[i]);
            }
        }
    }

    /** Returns the path of a directory's parent. The root is its own. */
    static String parent(String path) {
        return path.substring(0, Math.max(1, path.lastIndexOf('/')));
    }

    /** Returns the path of a name in a directory. */
    static String child(String directory, String name) {
        return directory.equals("/") ? "/" + name : directory + "/" + name;
    }
}
