package ferrite.book.scullp;

import ferrite.book.quanta.PageQuantaDriver;

/** {@code scullp}: scull with quanta of whole pages, which programs can map (LDD3 pages 223 and 429). */
public final class ScullpDriver extends PageQuantaDriver {

    @Override
    public String name() {
        return "scullp";
    }
}
