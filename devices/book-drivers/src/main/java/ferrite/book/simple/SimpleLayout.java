package ferrite.book.simple;

import ferrite.book.base.DeviceFilesLayout;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.fs.CdevLayout;

/** The variables of simple: its two devices. */
final class SimpleLayout {

    static final int DEVICES = 2;
    static final int SIZE = DeviceFilesLayout.SIZE + DEVICES * CdevLayout.SIZE;

    static final Struct STRUCT = Struct.of("simple", SIZE);

    static final Embedded FILES = STRUCT.embedded("files", 0, DeviceFilesLayout.STRUCT);
    static final Embedded CDEVS = STRUCT.array("cdevs", FILES.end(), CdevLayout.STRUCT, DEVICES);

    private SimpleLayout() { }
}
