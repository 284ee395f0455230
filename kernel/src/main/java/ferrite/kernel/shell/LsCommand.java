package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.fs.PathWalk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * {@code ls}: lists files, and then what is in directories, each in the order of names, as coreutils does; with
 * {@code -l} also kinds, permissions and numbers, with {@code -R} also those in all directories below. Links are listed
 * as such, and with {@code -L} as their targets.
 */
final class LsCommand implements Command {

    private static final int ERROR = 2;
    private static final int MAJOR_WIDTH = 3;
    private static final int MINOR_WIDTH = 4;

    /** A line: the name as it is listed, and the columns before it in the long form. */
    private record Entry(String name, String columns, FileTree.Stat file) { }

    /** One run: prints the entries of files, or of directories with all those below. */
    private static final class Listing {

        private final CommandContext context;
        private final FileTree tree;
        private final boolean isLong;
        private final boolean followsAll;
        private final Report report = Report.of("ls");
        /** The directories that a listing of all those below is in, without links. */
        private final Deque<String> active = new ArrayDeque<>();
        private int status;

        Listing(CommandContext context, Letters options) {
            this.context = context;
            this.tree = context.kernel().files().tree();
            this.isLong = options.has('l');
            this.followsAll = options.has('L');
        }

        void print(List<Entry> entries) {
            entries.forEach(entry -> context.out((isLong ? entry.columns + " " : "") + entry.name + "\n"));
        }

        /** Adds a path to the report. */
        void tell(String path, List<Entry> entries) {
            report.child(Report.of(path).texts("entries", entries.stream().map(Entry::name).toList()));
        }

        /** Returns the file of the command line. A link in the last place is one of the long form, or a dead one. */
        FileTree.Stat operand(String path) {
            PathWalk.End end = tree.walk("/", path, followsAll || !isLong || path.endsWith("/"));
            FileTree.Stat file = end.error() != 0 ? null : tree.at(end.path());
            if (file == null && !followsAll && (end.error() == 0 || end.error() == -Errno.ENOENT)) {
                PathWalk.End link = tree.walk("/", path, false);
                file = link.error() != 0 ? null : tree.at(link.path());
            }
            if (file == null) {
                context.fail("cannot access '" + path + "': " + Errno.message(end.error() != 0 ? end.error()
                        : Errno.ENOENT));
                status = ERROR;
            }
            return file;
        }

        /** Returns the files in a directory; null if it went away. */
        List<Entry> inside(String path) {
            List<FileTree.Stat> files = tree.list(path);
            if (files == null) {
                return null;
            }
            List<Entry> entries = new ArrayList<>();
            for (FileTree.Stat file : files) {
                String below = below(path, file.name());
                PathWalk.End end = followsAll && file.isLink() ? tree.walk("/", below, true) : null;
                FileTree.Stat target = end == null ? file : end.error() != 0 ? null : tree.at(end.path());
                if (target == null) {
                    context.fail("cannot access '" + below + "': " + Errno.message(end.error() != 0 ? end.error()
                            : Errno.ENOENT));
                    status = Math.max(status, 1);
                } else {
                    entries.add(entry(target, below, file.name()));
                }
            }
            return entries;
        }

        private static String below(String path, String name) {
            return (path.endsWith("/") ? path : path + "/") + name;
        }

        /** Returns a line. In the long form a link shows where it leads to. */
        Entry entry(FileTree.Stat file, String path, String name) {
            String target = isLong && file.isLink() ? tree.target(tree.walk("/", path, false).path()) : null;
            return new Entry(target == null ? name : name + " -> " + target, columns(file), file);
        }

        void printOne(String path, boolean first, boolean hasName) {
            List<Entry> entries = inside(path);
            if (entries != null) {
                tell(path, entries);
                context.out(hasName ? (first ? "" : "\n") + path + ":\n" : "");
                print(entries);
            }
        }

        /** Prints a directory under its name, and those below, as coreutils does: links are followed with -L only. */
        void printAll(String path, boolean first) {
            List<Entry> entries = inside(path);
            if (entries == null) {
                return;                                // it went away meanwhile
            }
            String place = tree.walk("/", path, true).path();
            if (active.contains(place)) {
                context.fail(path + ": not listing already-listed directory");
                status = ERROR;
                return;
            }
            tell(path, entries);
            context.out((first ? "" : "\n") + path + ":\n");
            print(entries);
            active.push(place);
            for (Entry entry : entries) {
                context.userBoundary();
                if (entry.file.isDirectory()) {
                    printAll(below(path, entry.name), false);
                }
            }
            active.pop();
        }
    }

    @Override
    public String name() {
        return "ls";
    }

    @Override
    public String usage() {
        return "ls [-lRL] [PATH...]";
    }

    @Override
    public String options() {
        return "lRL";
    }

    @Override
    public int statusOfWrongOption() {
        return ERROR;
    }

    @Override
    public String summary() {
        return "list files";
    }

    @Override
    public String example() {
        return "ls -l /dev";
    }

    @Override
    public int run(CommandContext context) {
        Letters options = context.letters(this);
        List<String> paths = options.operands().isEmpty() ? List.of("/") : options.operands();
        Listing listing = new Listing(context, options);
        List<Entry> files = new ArrayList<>();
        List<String> directories = new ArrayList<>();
        for (String typed : paths.stream().sorted().toList()) {
            FileTree.Stat file = listing.operand(typed);
            if (file != null && file.isDirectory()) {
                directories.add(typed);
            } else if (file != null) {
                Entry entry = listing.entry(file, typed, typed);
                listing.tell(typed, List.of(entry));
                files.add(entry);
            }
        }
        listing.print(files);
        boolean first = files.isEmpty();
        for (String directory : directories) {
            if (options.has('R')) {
                listing.printAll(directory, first);
            } else {
                listing.printOne(directory, first, paths.size() > 1);
            }
            first = false;
        }
        context.show(() -> listing.report);
        return listing.status;
    }

    private static String columns(FileTree.Stat file) {
        int kind = file.mode() & FileTree.S_IFMT;
        boolean block = kind == FileTree.S_IFBLK;
        boolean device = block || kind == FileTree.S_IFCHR;
        char type = file.isDirectory() ? 'd' : file.isLink() ? 'l' : block ? 'b' : device ? 'c' : '-';
        return columns(type, file.mode(), device
                ? right(Kdev.MAJOR(file.rdev()), MAJOR_WIDTH) + "," + right(Kdev.MINOR(file.rdev()), MINOR_WIDTH)
                : Long.toString(file.size()));
    }

    private static String right(int number, int width) {
        String digits = Integer.toString(number);
        return " ".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /** Returns Unix's columns but for the time, which a file of the machine does not have. */
    private static String columns(char type, int mode, String size) {
        StringBuilder columns = new StringBuilder().append(type);
        for (int bit = 8; bit >= 0; bit--) {
            columns.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        return columns + " 1 root root " + size;
    }
}
