// The one thing in which the three libraries differ.
#include "module/module.hpp"

namespace jpki::module {
const View library_view = View::JPKI_VIEW;
}
