package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Kdev;
import java.util.ArrayList;
import java.util.List;

/** {@code ls}: lists files; with {@code -l} also their kinds, permissions and numbers. */
final class LsCommand implements Command {

    private static final int MAJOR_WIDTH = 3;
    private static final int MINOR_WIDTH = 4;

    /** A line: the name as it is listed, and the columns before it in the long form. */
    private record Entry(String name, String columns) { }

    @Override
    public String name() {
        return "ls";
    }

    @Override
    public String usage() {
        return "ls [-l] [PATH...]";
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
        List<String> paths = new ArrayList<>(context.arguments());
        boolean isLong = paths.removeIf("-l"::equals);
        if (paths.isEmpty()) {
            paths.add("/");
        }
        Report report = Report.of("ls");
        int status = 0;
        for (String typed : paths) {
            String path = typed.length() > 1 && typed.endsWith("/") ? typed.substring(0, typed.length() - 1) : typed;
            List<Entry> entries = entries(context.kernel().files().tree(), path);
            if (entries == null) {
                status = context.fail("cannot access '" + typed + "': No such file or directory");
            } else {
                report.child(Report.of(typed).texts("entries", entries.stream().map(Entry::name).toList()));
                entries.forEach(entry -> context.out((isLong ? entry.columns + " " : "") + entry.name + "\n"));
            }
        }
        context.show(() -> report);
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
