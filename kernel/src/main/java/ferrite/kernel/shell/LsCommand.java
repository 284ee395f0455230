package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Kdev;
import java.util.List;

/**
 * {@code ls}: lists files; with {@code -l} also their kinds, permissions and numbers, with {@code -R} also those in
 * all directories below.
 */
final class LsCommand implements Command {

    private static final int MAJOR_WIDTH = 3;
    private static final int MINOR_WIDTH = 4;

    /** A line: the name as it is listed, and the columns before it in the long form. */
    private record Entry(String name, String columns) { }

    /** Prints the entries of files, or of directories with all those below. */
    private record Listing(CommandContext context, boolean isLong, Report report) {

        void print(List<Entry> entries) {
            entries.forEach(entry -> context.out((isLong ? entry.columns + " " : "") + entry.name + "\n"));
        }

        /** Adds a path to the report. */
        void tell(String path, List<Entry> entries) {
            report.child(Report.of(path).texts("entries", entries.stream().map(Entry::name).toList()));
        }

        /** Prints a directory under its name, and those below, as coreutils does: links are not followed. */
        void printAll(FileTree tree, String path, boolean first) {
            List<FileTree.Stat> inside = tree.list(path);
            if (inside == null) {
                return;                                // it went away meanwhile
            }
            List<Entry> entries = inside.stream().map(file -> entry(file, file.name())).toList();
            tell(path, entries);
            context.out((first ? "" : "\n") + path + ":\n");
            print(entries);
            for (FileTree.Stat file : inside) {
                context.userBoundary();
                String below = (path.equals("/") ? "" : path) + "/" + file.name();
                if (file.isDirectory() && !tree.isLinked(below)) {
                    printAll(tree, below, false);
                }
            }
        }
    }

    @Override
    public String name() {
        return "ls";
    }

    @Override
    public String usage() {
        return "ls [-lR] [PATH...]";
    }

    @Override
    public String options() {
        return "lR";
    }

    @Override
    public int statusOfWrongOption() {
        return 2;
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
        Listing listing = new Listing(context, options.has('l'), Report.of("ls"));
        FileTree tree = context.kernel().files().tree();
        int status = 0;
        boolean first = true;
        for (String typed : paths) {
            String path = typed.length() > 1 && typed.endsWith("/") ? typed.substring(0, typed.length() - 1) : typed;
            List<Entry> entries = entries(tree, path);
            if (entries == null) {
                status = context.fail("cannot access '" + typed + "': No such file or directory");
            } else if (options.has('R') && tree.list(path) != null) {
                listing.printAll(tree, path, first);
                first = false;
            } else {
                listing.tell(typed, entries);
                listing.print(entries);
                first = false;
            }
        }
        context.show(listing::report);
        return status;
    }

    /** Returns the files in a directory, or the file itself; null if there is no such path. */
    private static List<Entry> entries(FileTree tree, String path) {
        List<FileTree.Stat> inside = tree.list(path);
        if (inside != null) {
            return inside.stream().map(file -> entry(file, file.name())).toList();
        }
        FileTree.Stat file = tree.find(path);
        return file == null ? null : List.of(entry(file, path));
    }

    private static Entry entry(FileTree.Stat file, String name) {
        int kind = file.mode() & FileTree.S_IFMT;
        boolean block = kind == FileTree.S_IFBLK;
        boolean device = block || kind == FileTree.S_IFCHR;
        char type = file.isDirectory() ? 'd' : file.isLink() ? 'l' : block ? 'b' : device ? 'c' : '-';
        return new Entry(name, columns(type, file.mode(), device
                ? right(Kdev.MAJOR(file.rdev()), MAJOR_WIDTH) + "," + right(Kdev.MINOR(file.rdev()), MINOR_WIDTH)
                : Long.toString(file.size())));
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
